import type { Translation } from '../catalogue'
import type { metrics as english } from '../en/metrics'

export const metrics: Translation<typeof english> = {
  title: '지표',
  mode: { label: '질의 종류', range: '구간', instant: '한 시점' },
  query: { label: 'PromQL 질의', placeholder: '예: sum by (job) (rate(http_server_request_duration_seconds_count[5m]))', run: '실행', format: '정리', edited: '쓰는 중입니다. 아래는 마지막으로 실행한 결과입니다.', notFormatted: '오류가 없는 질의만 정리할 수 있습니다.' },
  ran: { at: '{at} 실행', series: { other: '계열 {count}개' }, points: { other: '점 {count}개' }, step: '간격 {step}', anyStep: '{step} 대신 범위에 맞는 간격으로', rule: '이 질의로 알림 규칙 만들기' },
  failed: '질의에 답을 받지 못했습니다. {reason}',
  nothing: '질의는 맞지만 이 시간에 해당하는 계열이 없습니다.',
  empty: { title: '질의를 쓰거나 다음 중 하나로 시작하세요', rate: '서비스별 초당 요청', errors: '서비스별 오류율', p95: '경로별 p95', consumers: '가장 많이 호출하는 고객사' },
  guard: {
    label: '보호 장치가 바꾼 것',
    widened: '간격을 {from}에서 {to|으로/로} 넓혀 실행했습니다.',
    why: '그대로라면 계열 {series}개에서 점 {points}개를 읽어 한도 {most}개를 넘습니다.',
    shorter: '범위를 {range|으로/로}', limits: '한도 보기',
    allowed: '계열당 점 {points}개, 읽는 점 모두 {read}개, 보이는 계열 {series}개, {days}일, {seconds}초까지입니다.',
  },
  chart: { label: '시간에 따른 결과', table: '결과', count: '네이티브 히스토그램 계열이라 개수를 보여 줍니다. 소요 시간은 histogram_quantile로 구하세요.', only: '{name}만 보기', all: '모두 보기', source: '출처 {source}' },
  column: { series: '계열', value: '값', min: '가장 작음', max: '가장 큼', last: '마지막' },
  foot: { shown: '계열 {count}개 중 {shown}개, 큰 것부터', pick: '행을 누르면 그 계열만 보임', csv: 'CSV' },
  saved: {
    button: '저장한 질의', none: '아직 저장한 질의가 없습니다.', own: '내 질의', others: '다른 사람이 공유함', by: '{owner}',
    save: '이 질의 저장', name: '이름', share: '질의할 수 있는 모두가 쓸 수 있음', shared: '공유됨', remove: '{name} 삭제', toShare: '{name} 공유', unshare: '{name} 나만 보기', needsQuery: '질의를 먼저 실행한 뒤 저장하세요.',
  },
  cannot: {
    title: 'PromQL을 쓰려면 Prometheus를 연결해야 합니다',
    text: '지금 지표는 자체 저장소에서 옵니다. 자체 저장소는 요청을 직접 세지만 질의 언어가 없습니다. NUXT_PROMETHEUS_URL을 설정하면 여기서 Prometheus, Thanos, Mimir, VictoriaMetrics에 질의할 수 있습니다.',
    builtIn: '여기서 세는 것', board: '상태 화면', endpoints: '엔드포인트', service: '서비스', noFigures: '이 시간에 센 요청이 없습니다.',
  },
}
