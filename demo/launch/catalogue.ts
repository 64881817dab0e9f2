/** The people of the demo: one account per built-in role, all with the same password. */
export const accounts = [
  { email: 'admin@bongsu.example', name: '김하늘', role: 'admin', does: 'registers endpoints, keeps accounts' },
  { email: 'operator@bongsu.example', name: '박도윤', role: 'operator', does: 'finds out what is slow and why' },
  { email: 'support@bongsu.example', name: '이서연', role: 'support', does: 'tells partners what is going on' },
  { email: 'viewer@bongsu.example', name: '최민준', role: 'viewer', does: 'looks at the status' },
] as const

const of = (service: string, ownerTeam: string, contact: string) => ({ service, ownerTeam, contact })
const integration = of('api-gateway', '연동플랫폼팀', 'integration@bongsu.example')
const payments = of('api-gateway', '결제팀', 'payments@bongsu.example')
const orders = of('api-gateway', '주문팀', 'orders@bongsu.example')
const products = of('api-gateway', '상품팀', 'products@bongsu.example')
const notifications = of('api-gateway', '알림팀', 'notifications@bongsu.example')
const settlements = of('api-gateway', '정산팀', 'settlements@bongsu.example')

export interface SeededEndpoint {
  service: string
  method: string
  template: string
  version?: string
  nameKo: string
  nameEn: string
  description?: string
  ownerTeam: string
  contact: string
  tags?: string[]
  repeatSafe: 'yes' | 'no' | 'unknown'
  latencyObjective?: number
  availabilityObjective?: number
  /** What becomes of it after it was registered; `active` unless said otherwise. */
  becomes?: 'draft' | 'deprecated' | 'retired'
}

/** What an admin of this platform has registered. Some routes that partners call are left out on purpose. */
export const endpoints: SeededEndpoint[] = [
  { ...integration, method: 'POST', template: '/api/v1/process', nameKo: '외부 처리 요청', nameEn: 'External processing', description: '주문을 검증하고 외부 기관에 처리를 맡긴 뒤 결과를 돌려줍니다.', tags: ['core', 'external'], repeatSafe: 'no', latencyObjective: 2_000 },
  { ...payments, method: 'POST', template: '/api/v1/payments', nameKo: '결제 요청', nameEn: 'Payment', description: '카드 승인을 요청하고 결제를 만듭니다.', tags: ['core'], repeatSafe: 'no', latencyObjective: 1_500 },
  { ...payments, method: 'GET', template: '/api/v1/payments/{paymentId}', nameKo: '결제 조회', nameEn: 'Payment details', repeatSafe: 'yes', latencyObjective: 500 },
  { ...orders, method: 'POST', template: '/api/v1/orders', nameKo: '주문 등록', nameEn: 'New order', tags: ['core'], repeatSafe: 'no', latencyObjective: 1_000 },
  { ...orders, method: 'GET', template: '/api/v1/orders', nameKo: '주문 목록', nameEn: 'Order list', repeatSafe: 'yes', latencyObjective: 800 },
  { ...orders, method: 'GET', template: '/api/v1/orders/{orderId}', nameKo: '주문 조회', nameEn: 'Order details', repeatSafe: 'yes', latencyObjective: 500 },
  { ...products, method: 'GET', template: '/api/v1/products', nameKo: '상품 조회', nameEn: 'Products', repeatSafe: 'yes', latencyObjective: 500, availabilityObjective: 0.995 },
  { ...notifications, method: 'POST', template: '/api/v1/notifications', nameKo: '알림 보내기', nameEn: 'Notifications', repeatSafe: 'no' },
  { ...settlements, method: 'GET', template: '/api/v2/settlements/{date}', version: 'v2', nameKo: '정산 조회', nameEn: 'Settlement report', repeatSafe: 'yes', latencyObjective: 1_500 },
  { ...settlements, method: 'GET', template: '/api/v1/settlements/{date}', nameKo: '정산 조회 (이전 버전)', nameEn: 'Settlement report (old version)', description: 'v2로 대체됩니다.', repeatSafe: 'yes', becomes: 'deprecated' },
  { ...integration, method: 'POST', template: '/api/v2/process', version: 'v2', nameKo: '외부 처리 요청 (새 버전)', nameEn: 'External processing (new version)', repeatSafe: 'yes', becomes: 'draft' },
  { ...products, method: 'GET', template: '/api/v0/products', version: 'v0', nameKo: '상품 조회 (첫 버전)', nameEn: 'Products (first version)', repeatSafe: 'yes', becomes: 'retired' },
  // external-api says no route: its calls are recognised by their path.
  { ...of('external-api', '연동플랫폼팀', 'integration@bongsu.example'), method: 'GET', template: '/external/settlements/{date}', nameKo: '외부 정산 자료', nameEn: 'External settlement data', repeatSafe: 'yes', latencyObjective: 1_000 },
]

/** Consumers appear by themselves when they call; then they are given a name and somebody to talk to. */
export const consumers = [
  { id: 'partner-shop', name: '한빛쇼핑', contact: 'api@hanbit-shop.example' },
  { id: 'partner-pay', name: '다온페이', contact: 'dev@daonpay.example' },
  { id: 'mobile-app', name: '모바일 앱', contact: 'mobile@bongsu.example' },
  { id: 'partner-erp', name: '이음ERP', contact: 'support@ieum-erp.example' },
]

export const services = [
  { name: 'api-gateway', ownerTeam: '연동플랫폼팀', contact: 'integration@bongsu.example' },
  { name: 'auth-service', ownerTeam: '인증팀', contact: 'auth@bongsu.example', latencyThreshold: 150 },
  { name: 'business-service', ownerTeam: '주문팀', contact: 'orders@bongsu.example' },
  { name: 'external-api', ownerTeam: '연동플랫폼팀', contact: 'integration@bongsu.example' },
  { name: 'notification-worker', ownerTeam: '알림팀', contact: 'notifications@bongsu.example' },
]
