/** A browser that was never told which theme it likes takes the account's. */
export default defineNuxtPlugin({
  name: 'theme',
  dependsOn: ['session'],
  setup() {
    const { user } = useAccount()
    const mode = useColorMode()
    if (user.value?.theme && !localStorage.getItem('nuxt-color-mode')) mode.preference = user.value.theme
  },
})
