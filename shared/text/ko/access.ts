import type { Translation } from '../catalogue'
import type { access as en } from '../en/access'

export const access: Translation<typeof en> = {
  login: {
    title: '로그인',
    purpose: 'Open API 엔드포인트를 관리하고, 느린 요청의 원인을 한곳에서 찾습니다.',
    email: '이메일',
    password: '비밀번호',
    show: '비밀번호 보기',
    hide: '비밀번호 숨기기',
    submit: '로그인',
    forgotten: '비밀번호를 잊었다면 관리자에게 초기화를 요청하세요.',
  },
}
