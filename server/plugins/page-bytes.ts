import { defineNitroPlugin } from 'nitropack/runtime'

/** A page goes out as bytes: as text it would be walked through twice, for its length and to be encoded. */
export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('render:response', (response) => {
    if (typeof response.body === 'string') response.body = Buffer.from(response.body)
  })
})
