import type { Translation } from '../catalogue'
import type { source as english } from '../en/source'

export const source: Translation<typeof english> = {
  missing: '{trouble} 그쪽에서 오는 것은 여기에 빠져 있습니다.',
  missing_since: '{trouble} {at}부터이며, 그쪽에서 오는 것은 여기에 빠져 있습니다.',
  /** By the code of a source's warning. */
  warning: {},
  trouble: {
    refused: '{source|이/가} 연결을 거부합니다. 그 주소에서 듣고 있는 프로그램이 없습니다. 실행하거나 {setting}_URL의 호스트와 포트를 고치세요.',
    unknown_host: '{source}의 호스트 이름을 찾을 수 없습니다. {setting}_URL의 철자와 네임 서버를 확인하세요.',
    unreachable: '{source} 호스트로 가는 길이 없습니다. 사이의 네트워크와 방화벽을 확인하세요.',
    forbidden_address: '{source}의 이름이 백엔드가 있을 수 없는 주소를 가리킵니다. {setting}_URL이나 네임 서버를 고치세요.',
    tls: '{source|와/과} 보안 연결을 맺지 못했습니다. 인증서를 신뢰할 수 없거나 TLS를 쓰지 않습니다. {setting}_CA에 인증 기관을 지정하거나 {setting}_URL에 http://를 쓰세요.',
    timeout: '{source|이/가} 제시간에 응답하지 않았습니다. 과부하이거나 멈췄을 수 있습니다. 그쪽 로그를 보거나 더 적게 요청하세요.',
    cut_off: '{source|이/가} 응답 도중에 연결을 끊었습니다. 다시 시작하는 중일 수 있습니다. 그쪽 로그를 보세요.',
    redirect: '{source|이/가} 다른 곳을 가리키지만 따라가지 않습니다. {setting}_URL에 최종 주소를 넣으세요.',
    unauthorised: '{source|이/가} 우리의 인증 정보를 받아들이지 않습니다. {setting}_USERNAME과 _PASSWORD, _TOKEN 또는 _API_KEY를 고치세요.',
    forbidden: '{source|은/는} 우리의 인증 정보를 알지만 읽기를 허용하지 않습니다. 그 계정에 읽기 권한을 주세요.',
    not_found: '{source|이/가} 이 경로를 모릅니다. {setting}_URL에 경로가 빠졌거나 더 들어 있을 수 있습니다.',
    rejected: '{source|이/가} 질문을 거절했습니다({status}). 더 좁게 요청하세요. 계속되면 버전이 너무 오래되었을 수 있습니다.',
    overloaded: '{source|이/가} 과부하 상태({status})라 잠시 쉬기를 요청합니다. 자동으로 다시 시도합니다.',
    failing: '{source} 내부에서 오류가 났습니다({status}). 그쪽 로그를 보세요.',
    too_large: '{source}의 응답이 너무 큽니다. 범위나 조건을 좁히세요.',
    wrong_content: '{source} 주소에서 API가 아닌 것이 응답합니다. 로그인 페이지나 프록시일 수 있습니다. {setting}_URL을 확인하세요.',
    bad_answer: '{source|이/가} 읽을 수 없는 형식으로 응답했습니다. 지원하지 않는 버전이거나 중간에서 응답이 바뀌었을 수 있습니다.',
    wrong_product: '{source} 주소에서 다른 프로그램이 응답합니다. {setting}_URL을 확인하세요.',
    paused: '{source|이/가} 연달아 실패해서 잠시 쉬게 합니다. 돌아오면 몇 초 안에 다시 씁니다.',
    busy: '{source}에 한꺼번에 너무 많은 질문이 갔습니다. 잠시 후 다시 시도하세요.',
  },
}
