import type { Translation } from '../catalogue'
import type { alerting as en } from '../en/alerting'

export const alerting: Translation<typeof en> = {
  error: {
    source: '{source}에 물어볼 수 없음',
    own: '판정하지 못함. 이유는 로그에 있음',
  },
  outage: {
    errors: '{seconds}초 동안 요청 {count}건 중 {ratio} 실패. {limit}부터 위급',
    latency: '{seconds}초 동안 요청 {count}건의 p95가 {p95}. 기준은 {limit}',
  },
}
