/**
 * Every error a caller may see, with its HTTP status. The sentence comes from the text catalogue by code,
 * in the reader's language; `params` fill it. Rooms throw `AppError`, only `server/http` knows responses.
 */
export const errorStatus = {
  'request.invalid': 422,
  'request.malformed': 400,
  'request.too_large': 413,
  'request.unsupported_media_type': 415,
  'request.cross_site': 403,
  'request.too_many': 429,
  /** Whoever asked went away; nobody reads this answer. */
  'request.abandoned': 499,
  'route.not_found': 404,
  'route.method_not_allowed': 405,
  'access.sign_in_required': 401,
  'access.forbidden': 403,
  'access.wrong_credentials': 401,
  'access.throttled': 429,
  'access.weak_password': 422,
  'access.link_invalid': 410,
  'access.setup_done': 404,
  'access.last_admin': 409,
  'access.escalation': 403,
  'access.own_role': 409,
  'access.email_taken': 409,
  'access.name_taken': 409,
  'access.user_not_found': 404,
  'access.role_not_found': 404,
  'access.role_stale': 409,
  'access.role_in_use': 409,
  'access.role_built_in': 409,
  'access.key_not_found': 404,
  'access.key_taken': 409,
  'access.display_not_found': 404,
  'access.display_ended': 403,
  'access.token_not_found': 404,
  'access.session_not_found': 404,
  'access.wrong_password': 422,
  'access.session_required': 403,
  'endpoint.not_found': 404,
  'endpoint.conflict': 409,
  'endpoint.stale': 409,
  'endpoint.transition': 409,
  'endpoint.not_deletable': 409,
  'endpoint.revision_not_found': 404,
  'endpoint.sunset_past': 422,
  'consumer.not_found': 404,
  'alert_rule.not_found': 404,
  'alert_rule.stale': 409,
  'alert_rule.name_taken': 409,
  'alert_rule.full': 409,
  'silence.not_found': 404,
  'silence.over': 422,
  'silence.full': 409,
  'alertmanager.service_refused': 403,
  'change.service_refused': 403,
  'incident.not_found': 404,
  'incident.stale': 409,
  'incident.already': 409,
  'incident.merged': 409,
  'incident.not_mergeable': 409,
  'incident.not_splittable': 409,
  'incident.not_assignable': 422,
  'incident.consumer_not_hurt': 422,
  'incident.evidence_not_found': 404,
  'incident.report_not_found': 404,
  'incident.report_answered': 409,
  'service.not_found': 404,
  'trace.not_found': 404,
  'trace.id_invalid': 422,
  'span.not_found': 404,
  'log.not_found': 404,
  'metrics.refused': 422,
  'metrics.timeout': 422,
  'metrics.too_much': 422,
  'metrics.cannot_format': 501,
  'metrics.range_too_long': 422,
  'metrics.too_many_points': 422,
  'metrics.too_many_series': 422,
  'metrics.saved_not_found': 404,
  'metrics.saved_full': 409,
  'notification.channel_not_found': 404,
  'notification.route_not_found': 404,
  'notification.message_not_found': 404,
  'notification.name_taken': 409,
  'notification.address_not_url': 422,
  'notification.address_scheme': 422,
  'notification.address_login': 422,
  'notification.address_port': 422,
  'notification.address_denied': 422,
  'notification.wrong_target': 422,
  'notification.not_signed': 409,
  'notification.not_dead': 409,
  'notification.routes_full': 409,
  'source.unavailable': 503,
  'source.unsupported': 501,
  'control.busy': 503,
  'app.draining': 503,
  'app.unexpected': 500,
} as const satisfies Record<string, number>

export type ErrorCode = keyof typeof errorStatus
export type ErrorParams = Record<string, string | number | boolean | null | undefined>

export class AppError extends Error {
  readonly code: ErrorCode
  readonly params: ErrorParams
  /** More than a sentence can say, sent to the caller as it is: field issues, the other admin's revision. */
  readonly details?: unknown

  constructor(code: ErrorCode, params: ErrorParams = {}, options: { cause?: unknown, details?: unknown } = {}) {
    super(code, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.params = params
    this.details = options.details
  }

  get status(): number {
    return errorStatus[this.code]
  }
}
