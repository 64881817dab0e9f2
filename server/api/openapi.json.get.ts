import { binary } from '#server/http/answer'
import { defineApiHandler } from '#server/http/define-api-handler'
import { openApiDocument, type DeclaredRoute } from '#server/http/openapi'

let document: Buffer | undefined

export default defineApiHandler({
  permission: 'signedIn',
  handle: async ({ services }) => {
    if (!document) {
      // Late, because the list holds this route too.
      const { default: routes } = await import('#api-routes')
      const declared = routes.flatMap(({ path, method, handler }) => {
        const { declaration } = handler as Partial<DeclaredRoute>
        return declaration ? [{ path, method, declaration }] : []
      })
      document = Buffer.from(JSON.stringify(openApiDocument(declared, { title: 'Bongsu', version: '0.1.0', server: services.config.origin })))
    }
    return binary(document, 'application/json')
  },
})
