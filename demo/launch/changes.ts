/** Tells the app's change log, as a deployment script would. */
export async function announceChange({ address }: { address: string }, ingestKey: string, change: object): Promise<void> {
  const response = await fetch(`${address}/api/changes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'authorization': `Bearer ${ingestKey}` },
    body: JSON.stringify({ ...change, at: new Date().toISOString() }),
    signal: AbortSignal.timeout(5_000),
  })
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`the app answered ${response.status}`)
}
