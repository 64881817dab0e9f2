import { defineApiHandler } from '#server/http/define-api-handler'
import { alertmanagerAnswer, alertmanagerMessage } from '#shared/schemas/alertmanager'

export default defineApiHandler({
  permission: 'machine',
  scope: 'alerts',
  body: alertmanagerMessage,
  response: alertmanagerAnswer,
  handle: ({ actor, body, services }) => services.alerting.alertmanager.receive(actor, body),
})
