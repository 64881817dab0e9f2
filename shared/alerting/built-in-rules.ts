/** What the rules that nobody wrote are called, by id. Names as people give them to their own: the same in each language. */
export const builtInRuleNames = {
  't0': 'endpoint-failing',
  't0-drop': 'requests-dropped',
  't1': 'budget-burn',
  't2': 'unusual',
  't2-queue': 'queue-lag',
  't2-silent': 'spans-missing',
  't3': 'call-rate',
  't4': 'drift',
} as const

export function isBuiltInRule(id: string): id is keyof typeof builtInRuleNames {
  return Object.hasOwn(builtInRuleNames, id)
}

/** The id itself where it is not of a built-in one. */
export function builtInNameOf(id: string): string {
  return isBuiltInRule(id) ? builtInRuleNames[id] : id
}
