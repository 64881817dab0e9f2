import { createEvent } from 'h3'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import routes from '#api-routes'
import { readConfig } from '#server/config'
import { log } from '#server/http/log'
import { createPageFetch } from '#server/http/page-fetch'
import { createTestAccess } from '../../../support/access'

const pageFetch = createPageFetch(routes)

/** A page on behalf of somebody with these roles, or of nobody. */
async function page(roles?: string[]) {
  const written = vi.spyOn(log, 'info').mockImplementation(() => {})
  const test = await createTestAccess()
  const request = new IncomingMessage(new Socket())
  request.url = '/'
  if (roles) {
    const user = await test.addUser('sam@example.com', roles)
    request.headers.cookie = `bongsu=${test.db.transaction(tx => test.access.sessions.begin(tx, user.id, {}))}`
  }
  const event = createEvent(request, new ServerResponse(request))
  event.context.services = { access: test.access, clock: test.clock, config: readConfig({}) } as never
  const over = vi.fn(async () => 'fetched')
  event.$fetch = over as never
  return { ...test, ask: pageFetch(event), over, written, event }
}

describe('a page asks our own API', () => {
  it('as who asked for the page, and gets the view of the route', async () => {
    const { ask, over } = await page(['viewer'])
    expect(await ask('/api/session')).toMatchObject({ user: { email: 'sam@example.com', roles: [{ id: 'viewer' }] } })
    expect(over).not.toHaveBeenCalled()
  })

  it('AZ-01 and is refused what its reader may not see', async () => {
    await expect((await page(['viewer'])).ask('/api/users')).rejects.toMatchObject({ status: 403, statusCode: 403, data: { code: 'access.forbidden', requestId: expect.any(String) } })
    await expect((await page()).ask('/api/users')).rejects.toMatchObject({ status: 401, data: { code: 'access.sign_in_required' } })
  })

  it('is judged as strictly as a request', async () => {
    const { ask } = await page(['admin'])
    await expect(ask('/api/audit', { query: { nonsense: '1' } })).rejects.toMatchObject({ status: 422, data: { code: 'request.invalid', issues: [{ where: 'query' }] } })
    await expect(ask('/api/audit?nonsense=1')).rejects.toMatchObject({ status: 422 })
  })

  it('leaves a record like a request, by the template of the route', async () => {
    const { ask, written } = await page(['viewer'])
    await ask('/api/users').catch(() => undefined)
    expect(written).toHaveBeenCalledWith(expect.objectContaining({ event: 'http.request', method: 'GET', route: '/api/users', status: 403, code: 'access.forbidden' }))
  })

  it('sets nothing on the page\'s own answer', async () => {
    const { ask, event } = await page(['viewer'])
    await ask('/api/session')
    expect(event.node.res.getHeaderNames()).toEqual([])
  })

  it('goes the long way for what is no such route', async () => {
    const { ask, over } = await page()
    expect(await ask('/elsewhere')).toBe('fetched')
    expect(await ask('/api/session', { method: 'DELETE' })).toBe('fetched')
    expect(over).toHaveBeenCalledTimes(2)
  })
})
