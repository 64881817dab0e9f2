import type { Translation } from '../catalogue'
import type { wall as en } from '../en/wall'

export const wall: Translation<typeof en> = {
  title: '상황판',
  fine: '모두 정상입니다',
  degraded: '서비스 {count}개가 저하되었습니다',
  critical: '서비스 {count}개가 위험합니다',
  unknown: '서비스 {count}개의 상태를 알 수 없습니다',
  nothing: '아직 도착한 것이 없습니다',
  noIncident: '열린 인시던트 없음.',
  last: '마지막은 {number}, {day} {at}에 끝남 · {lasting}째 조용함',
  more: '그 밖에 인시던트 {count}건',
  rest: '그 밖의 서비스 {count}개: {words}',
  endpoints: '엔드포인트 {count}개 지켜보는 중',
  endpointsHot: '엔드포인트 {all}개 중 {count}개가 기준 밖',
  sourcesFine: '지표, 트레이스, 로그 모두 도착 중',
  sourceLate: '{signal}: {words}',
  late: '늦게 도착함',
  until: '보기 전용 링크, {day}까지',
  lost: '상황판이 멈췄습니다: {at}부터 응답 없음',
}
