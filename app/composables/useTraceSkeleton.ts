import type { TraceAnswer } from '#shared/schemas/trace'
import { decodeSkeleton, type Skeleton } from '#shared/trace/skeleton'

declare global {
  interface Window {
    /** Begun in the head, so that the tree does not wait for the scripts. */
    __skeleton?: Promise<ArrayBuffer | undefined>
  }
}

/**
 * The whole trace as columns, kept out of Vue's reactivity: only that there is another one is. A trace that grew is
 * fetched again; the one shown stays until the next is here.
 */
export function useTraceSkeleton(trace: Readonly<Ref<TraceAnswer>>) {
  const address = `/api/traces/${trace.value.traceId}/skeleton`
  const skeleton = shallowRef<Skeleton>()
  const failed = ref(false)
  if (import.meta.server) useHead({ script: [{ key: 'skeleton', innerHTML: `window.__skeleton=fetch(${JSON.stringify(address)}).then(r=>r.ok?r.arrayBuffer():undefined,()=>undefined)`, tagPosition: 'head' }] })

  async function load() {
    const begun = window.__skeleton
    delete window.__skeleton
    try {
      const bytes = await begun ?? await $fetch<ArrayBuffer>(address, { responseType: 'arrayBuffer' })
      skeleton.value = decodeSkeleton(bytes)
      failed.value = false
    }
    catch {
      failed.value = true
    }
  }
  onMounted(load)
  watch(() => trace.value.version, load)

  return { skeleton, failed, load }
}
