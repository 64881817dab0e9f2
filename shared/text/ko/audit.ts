import type { Translation } from '../catalogue'
import type { audit as en } from '../en/audit'

export const audit: Translation<typeof en> = {
  session: {
    start: '로그인',
    end: '로그아웃',
    end_one: '자신의 세션 하나를 끝냄',
    end_others: '자신의 다른 세션을 모두 끝냄',
  },
  account: { password: '자신의 비밀번호를 바꿈', update: '자신의 계정을 바꿈' },
  user: {
    set_up: '첫 계정 {name|을/를} 만듦',
    create: '{name|을/를} 초대함',
    update: '{name|을/를} 바꿈',
    assign_roles: '{name}의 역할을 바꿈',
    disable: '{name|을/를} 중지함',
    enable: '{name|을/를} 다시 사용하게 함',
    delete: '{name|을/를} 삭제함',
    reset_link: '{name}의 초기화 링크를 만듦',
    choose_password: '링크로 비밀번호를 정함',
  },
  role: {
    create: '{role} 역할을 추가함',
    rename: '{role} 역할의 이름을 {name|으로/로} 바꿈',
    update: '{role} 역할의 권한을 바꿈: 더함 {added}, 뺌 {removed}',
    delete: '{role} 역할을 삭제함',
  },
  token: { create: 'API 토큰 {token|을/를} 만듦', delete: 'API 토큰 {token|을/를} 지움' },
  display: { create: '화면 링크 {display|을/를} 만듦', revoke: '화면 링크 {display|을/를} 폐기함' },
  key: { create: '수집 키 {key|을/를} 만듦', revoke: '수집 키 {key|을/를} 폐기함' },
  endpoint: {
    create: '{service}의 {method} {template|을/를} 등록함',
    update: '{service}의 {method} {template|을/를} 바꿈, 리비전 {revision}',
    delete: '{service}의 초안 {method} {template|을/를} 삭제함',
    activate: '{service}의 {method} {template} 활성화',
    deprecate: '{service}의 {method} {template} 폐기 예고',
    retire: '{service}의 {method} {template} 종료',
    restore: '{service}의 {method} {template|을/를} 되살림',
    restore_revision: '{service}의 {method} {template|을/를} 이전 리비전으로 되돌림',
  },
  consumer: { update: '고객사 {id|을/를} 바꿈' },
  service: { update: '서비스 {name|을/를} 바꿈' },
  route: { ignore: '{service}의 {method} {routeKey|을/를} 무시하기로 함', unignore: '{service}의 {method} {routeKey|을/를} 다시 보기로 함' },
  query: { save: '질의 {name|을/를} 저장함', update: '질의 {name|을/를} 변경함', delete: '질의 {name|을/를} 삭제함' },
  change: { announce: '{service}의 변경을 알림' },
  refused: {
    access: {
      forbidden: '{method} {route}: {permission} 없음',
      escalation: '{method} {route}: 자신에게 없는 권한을 주려 함',
      own_role: '{method} {route}: 자신의 역할을 바꾸려 함',
      last_admin: '{method} {route}: 관리자가 없어질 뻔함',
    },
    request: { cross_site: '{method} {route}: 다른 사이트에서 온 요청' },
  },
  subject: {
    query: '저장된 질의', user: '사용자', role: '역할', token: 'API 토큰', key: '수집 키', display: '화면 링크', endpoint: '엔드포인트', consumer: '고객사', service: '서비스', route: '경로', change: '변경',
    session: '로그인', account: '계정',
  },
  field: {
    name: '이름', email: '이메일', roles: '역할', disabled: '중지', permissions: '권한', language: '언어', zone: '시간대', theme: '밝기',
    scopes: '보낼 수 있는 것', days: '일수', services: '서비스', samplingRatio: '표본율', lifecycle: '수명 주기',
    ownerTeam: '담당 팀', contact: '연락처', note: '메모', latencyThreshold: 'p95 기준', version: '버전', key: '설정', oldValue: '앞 값', newValue: '새 값', query: '질의', mode: '종류', shared: '공유',
  },
  value: { yes: '예', no: '아니요' },
}
