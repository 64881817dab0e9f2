import type { Translation } from '../catalogue'
import type { alerting as en } from '../en/alerting'

export const alerting: Translation<typeof en> = {
  error: {
    source: '{source}에 물어볼 수 없음',
    own: '판정하지 못함. 이유는 로그에 있음',
    no_promql: '소스에 질의 언어가 없음',
    refused: '소스가 질의를 거절함: {said}',
    heavy: '질의가 소스에 허락된 시간보다 오래 걸림',
    too_many_series: '질의 결과가 100개 시계열을 넘음. 합쳐서 줄여야 함',
    no_right: '이 규칙을 쓴 {name|이/가} 더는 질의할 수 없음',
    endpoint_gone: '엔드포인트가 더는 등록되어 있지 않음',
    lacks: '{source|은/는} {what|을/를} 알려 주지 않음',
    no_requests: '{source}에 요청 지표가 없음',
  },
  lack: { routes: '경로', consumers: '고객사', durations: '소요 시간', client_errors: '4xx 응답' },
  measure: { p50: 'p50', p95: 'p95', p99: 'p99', rate: '초당 요청', failed: '실패 비율', client_errors: '4xx 비율' },
  own: {
    latency: { above: '요청 {count}건의 {measure} {value}, 기준 {limit}', below: '요청 {count}건의 {measure} {value}, {limit} 이상이어야 함' },
    rate: { above: '초당 요청 {value}, 기준 {limit}', below: '초당 요청 {value}, {limit} 이상이어야 함' },
    failed: { above: '요청 {count}건 중 실패 {value}, 기준 {limit}', below: '요청 {count}건 중 실패 {value}, {limit} 이상이어야 함' },
    client_errors: { above: '요청 {count}건 중 4xx {value}, 기준 {limit}', below: '요청 {count}건 중 4xx {value}, {limit} 이상이어야 함' },
    anomaly: { above: '{measure|이/가} 평소의 {value}, 기준 {limit}', below: '{measure|이/가} 평소의 {value}, {limit} 이상이어야 함' },
    burn: '오류 예산을 허용의 {value}로 소진 중, 기준 {limit}',
    absence: '{value} 동안 요청 없음',
    series: { above: '{rule} {value}, 기준 {limit}', below: '{rule} {value}, {limit} 이상이어야 함' },
  },
  alertmanager: { said: '{name}: {said}', fires: 'Alertmanager에서 {name|이/가} 울림' },
  form: {
    problem: {
      runbook: 'https://로 시작하는 주소여야 합니다.',
      target: '질의는 그 시계열에 대한 것이고, 나머지는 그렇지 않습니다.',
      short: '긴 구간보다 짧아야 합니다.',
      match: '적어도 하나는 정해 주세요.',
      zone: '없는 시간대입니다.',
      to: '시작하기 전에 끝납니다.',
      long: '석 달까지입니다. 더 길면 규칙을 바꾸세요.',
      weekly: '되풀이는 점검 시간에만 됩니다.',
      week: '매주 되풀이하려면 한 주보다 짧아야 합니다.',
    },
  },
  outage: {
    errors: '{seconds}초 동안 요청 {count}건 중 {ratio} 실패. {limit}부터 위험',
    latency: '{seconds}초 동안 요청 {count}건의 p95가 {p95}. 기준은 {limit}',
  },
  gap: '{seconds}초 동안 {service} 호출 {count}건이 잘 끝났는데 그 서비스의 스팬은 오지 않음',
  drop: '{seconds}초 동안 끝난 요청이 평소 {usual}건 대신 {now}건뿐. 그 안의 호출은 계속됨',
  burn: '{hours}시간 동안 {failed}건({ratio}) 실패. 목표가 허용하는 {budget}의 {times}',
  anomaly: {
    latency: '호출 {count}건에 {usual} 대신 {now}, {times} 걸림. 평소 값은 앞선 {minutes}분',
    lasting: '호출 {count}건에 여전히 {now} 걸림. 시작 전 평소 값은 {usual}',
    errors: '호출 {count}건 중 {usual} 대신 {ratio} 실패. 평소 값은 앞선 {minutes}분',
  },
  queue: { lag: '{queue} 메시지가 약 {wait} 기다림. 지금 {count}건 대기' },
  call_rate: {
    more: '요청당 호출이 {usual}회 대신 {now}회. 요청 {count}건 기준, 평소 값은 앞선 {minutes}분',
    first: '앞선 {minutes}분 동안 부르지 않던 곳을 요청당 {now}회 호출. 요청 {count}건 기준',
  },
  drift: '{at}부터 계속 {more} 느려짐. 지금 {now}',
}
