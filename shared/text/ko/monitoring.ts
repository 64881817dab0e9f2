import type { Translation } from '../catalogue'
import type { monitoring as en } from '../en/monitoring'

export const monitoring: Translation<typeof en> = {
  reason: {
    within: '모든 기준 안',
    within_few: '기준 안. 최근 5분 요청이 {count}건뿐',
    latency: 'p95 기준 {limit|을/를} {for}째 초과',
    latency_new: 'p95 기준 {limit} 초과, {at}부터',
    latency_few: 'p95 기준 {limit} 초과. 최근 5분 요청이 {count}건뿐',
    errors: '실패 기준 {limit|을/를} {for}째 초과',
    errors_new: '실패 기준 {limit} 초과, {at}부터',
    errors_remote: '기준 {limit} 초과. {share}가 {remote} 호출에서 옴',
    errors_route: '기준 {limit} 초과. {share}가 {method} {route}에 몰림',
    errors_few: '{count}건 중 {failed}건 실패. 최근 5분 요청이 이뿐',
    recovering: '{seconds}초째 기준 안. 60초가 지나면 나아진 것으로 봄',
    silent: '{at}부터 요청이 오지 않음 ({for}째)',
    silent_days: '{day}부터 요청이 오지 않음',
    idle: '실행 중이지만 {at}부터 요청이 오지 않음',
    no_requests: '실행 중이지만 받는 요청이 없음',
    never: '아직 아무것도 오지 않음',
    source: '{at}부터 수치를 읽지 못함',
  },
  lasting: {
    minutes: '{count}분',
    hours: '{hours}시간 {minutes}분',
    days: '{count}일',
  },
}
