import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { homeOf } from '../launch/install.ts'
import { run } from '../launch/tools.ts'
import { describeWithOurs } from '../support/backends.ts'

const promtool = (...args: string[]) => run(join(homeOf('prometheus'), 'promtool'), args)
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

describeWithOurs('the configuration of Prometheus', () => {
  it('is one that Prometheus takes, rules and all', () => {
    expect(promtool('check', 'config', at('../../../deploy/prometheus/prometheus.yml'))).toContain('SUCCESS: 2 rule files found')
  })

  it('has no rule that the linter of Prometheus would warn of', () => {
    promtool('check', 'rules', '--lint=all', '--lint-fatal', at('../../../deploy/prometheus/rules/red.yml'), at('../../../deploy/prometheus/rules/pipeline.yml'))
  })

  it('has rules that say what they should', () => {
    expect(promtool('test', 'rules', at('rules.yml'))).toContain('SUCCESS')
  })
})
