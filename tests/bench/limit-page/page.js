// The limit: nothing but a waterfall. First rows are in the HTML; the columns come in one answer; about forty rows are
// recycled; a fold is one pass over a typed array. What the app adds to this is what the bench measures.
const ROW = 27
const main = document.querySelector('main')
const canvas = document.querySelector('#rows')
const { services, names } = JSON.parse(document.querySelector('#tables').textContent)
const pool = [...canvas.children]
let trace, visible, folded

window.__tree.then(response => response.arrayBuffer()).then((bytes) => {
  const count = new Float64Array(bytes, 0, 1)[0]
  let at = 8
  const view = (Type) => {
    const column = new Type(bytes, at, count)
    at += column.byteLength
    return column
  }
  trace = { count, start: view(Float64Array), duration: view(Float64Array), parent: view(Int32Array), depth: view(Uint16Array), name: view(Uint16Array), service: view(Uint8Array) }
  trace.end = new Int32Array(count)
  for (let i = count - 1; i >= 0; i--) {
    trace.end[i] = Math.max(trace.end[i], i + 1)
    const parent = trace.parent[i]
    if (parent >= 0) trace.end[parent] = Math.max(trace.end[parent], trace.end[i])
  }
  folded = new Uint8Array(count)
  visible = new Int32Array(count)
  layout()
  document.body.dataset.ready = ''
})

let rows = 0
function layout() {
  rows = 0
  for (let i = 0; i < trace.count; i = folded[i] ? trace.end[i] : i + 1) visible[rows++] = i
  canvas.style.height = `${rows * ROW}px`
  draw()
}

function draw() {
  const first = Math.max(0, Math.floor(main.scrollTop / ROW) - 4)
  const total = trace.duration[0]
  const shown = Math.min(rows, first + Math.ceil(main.clientHeight / ROW) + 8)
  while (pool.length < shown - first) pool.push(canvas.appendChild(pool[0].cloneNode(true)))
  pool.forEach((row, k) => {
    const at = first + k
    row.hidden = at >= shown
    if (row.hidden) return
    const i = visible[at]
    row.dataset.span = i
    row.style.transform = `translateY(${at * ROW}px)`
    const [button, label, bar] = row.children
    button.textContent = trace.end[i] > i + 1 ? (folded[i] ? '▸' : '▾') : ''
    label.textContent = `${services[trace.service[i]]} ${names[trace.name[i]]}`
    label.style.paddingInlineStart = `${trace.depth[i] * 12}px`
    bar.style.marginInlineStart = `${trace.start[i] / total * 100}%`
    bar.style.width = `${trace.duration[i] / total * 100}%`
  })
}

canvas.addEventListener('click', (event) => {
  const row = event.target.closest('[data-span]')
  if (!row || !trace) return
  folded[row.dataset.span] ^= 1
  layout()
})
let queued = false
main.addEventListener('scroll', () => {
  if (queued) return
  queued = true
  requestAnimationFrame(() => {
    queued = false
    if (trace) draw()
  })
}, { passive: true })
