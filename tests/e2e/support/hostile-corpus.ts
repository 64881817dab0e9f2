const run = 'globalThis.ranHostile=1'

/** A hundred ways in which text became code somewhere: each would set `ranHostile` if it ever ran. */
export const corpus: string[] = [
  ...['script', 'SCRIPT', 'sCrIpT', 'script/x', 'script\t'].map(tag => `<${tag}>${run}</script>`),
  `"><script>${run}</script>`, `'><script>${run}</script>`, `</script><script>${run}</script>`, `</title><script>${run}</script>`, `</textarea><script>${run}</script>`, `--><script>${run}</script>`, `]]><script>${run}</script>`, `<!--<script>${run}</script>-->`,
  ...['img', 'image', 'video', 'audio', 'source', 'input type=image', 'object', 'embed'].map(tag => `<${tag} src=x onerror=${run}>`),
  ...['svg', 'body', 'iframe', 'style', 'link'].map(tag => `<${tag} onload=${run}>`),
  ...['onmouseover', 'onfocus', 'onclick', 'onpointerenter', 'onanimationstart', 'ontoggle', 'onscroll', 'onwheel'].map(handler => `" ${handler}="${run}" autofocus tabindex=1 x="`),
  ...['onmouseover', 'onfocus', 'onclick', 'onpointerenter'].map(handler => `' ${handler}='${run}' autofocus x='`),
  ...['javascript:', 'JaVaScRiPt:', ' javascript:', 'java\tscript:', 'javascript&colon;', 'vbscript:', 'data:text/html,', 'data:text/html;base64,'].map(scheme => `${scheme}${run}`),
  `<a href="javascript:${run}">x</a>`, `<a href='data:text/html,<script>${run}</script>'>x</a>`, `<form action="javascript:${run}"><button>x</button></form>`, `<button formaction=javascript:${run}>x</button>`, `<base href="javascript:${run}//">`, `<meta http-equiv=refresh content="0;url=javascript:${run}">`, `<iframe src="javascript:${run}">`, `<iframe srcdoc="<script>parent.ranHostile=1</script>">`, `<object data="javascript:${run}">`, `<embed src="javascript:${run}">`,
  `<svg><script>${run}</script></svg>`, `<svg><a xlink:href="javascript:${run}"><text>x</text></a></svg>`, `<svg><animate onbegin=${run} attributeName=x dur=1s>`, `<svg><set attributeName=href to="javascript:${run}">`, `<svg><foreignObject><script>${run}</script></foreignObject></svg>`, `<math><mtext></table><img src=x onerror=${run}>`, `<math href="javascript:${run}">x</math>`,
  `{{constructor.constructor('${run}')()}}`, `{{_openBlock.constructor('${run}')()}}`, `\${${run}}`, `#{${run}}`, `<%= ${run} %>`, `[[${run}]]`, `v-html="${run}"`, `:onclick="${run}"`, `@click="${run}"`,
  `&lt;script&gt;${run}&lt;/script&gt;`, `%3Cscript%3E${run}%3C/script%3E`, `\\u003cscript\\u003e${run}\\u003c/script\\u003e`, `\\x3cscript\\x3e${run}\\x3c/script\\x3e`, `&#60;script&#62;${run}&#60;/script&#62;`, `+ADw-script+AD4-${run}+ADw-/script+AD4-`,
  `\u2028<script>${run}</script>`, `\u202E<script>${run}</script>`, `\u0000<script>${run}</script>`.replace('\u0000', '\uFFFD'), `<scr\u200Bipt>${run}</script>`, `＜script＞${run}＜/script＞`, `<<script>script>${run}<</script>/script>`, `<script x=">">${run}</script>`,
  `<details open ontoggle=${run}>`, `<dialog open onclose=${run}>`, `<marquee onstart=${run}>`, `<select autofocus onfocus=${run}>`, `<keygen autofocus onfocus=${run}>`, `<template><script>${run}</script></template>`, `<noscript><p title="</noscript><img src=x onerror=${run}>">`, `<style>@import 'javascript:${run}';</style>`, `<style>*{background:url("javascript:${run}")}</style>`, `<link rel=import href="data:text/html,<script>${run}</script>">`, `<x style="behavior:url(#x)" onclick=${run}>`,
  `");${run}//`, `');${run}//`, `\`);${run}//`, `";${run};"`, `\\";${run};//`, `</style><script>${run}</script>`, `<plaintext onclick=${run}>`, `__proto__`, `constructor`, `[object Object]`,
]
