/** The current time, once a second; on the server and while hydrating the time the page was made. */
export function useNow(): Ref<Date> {
  const rendered = useState('rendered-at', () => Date.now())
  const now = ref(new Date(rendered.value))
  onMounted(() => {
    now.value = new Date()
    const timer = setInterval(() => (now.value = new Date()), 1_000)
    onBeforeUnmount(() => clearInterval(timer))
  })
  return now
}
