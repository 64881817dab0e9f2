import { toOtlpLines } from './otlp.ts'
import { Platform } from './platform.ts'
import { Chance } from './simulation.ts'
import { buildTopology, type Shape } from './topology.ts'

const MINUTE = 60e6
/** Lines are made of so much at a time, and what they were made of is forgotten: hours of spans do not fit into memory. */
const SLICE = 5 * MINUTE

/**
 * Hours in which nothing is wrong and much happens: the load of a day, twice as high at its peak as at night, in little
 * time; partners that send half as much again for minutes; deployments, instance after instance, each of which is slower
 * for half a minute while it warms up.
 */
export function* playQuiet(shape: Shape, seed: number, hours: number): Generator<string> {
  const topology = buildTopology(shape, seed)
  const chance = new Chance(seed * 31 + 5)
  const platform = new Platform(topology, seed)
  const { simulation, knobs } = platform
  const until = hours * 60 * MINUTE
  const tide = { factor: 1 }
  knobs.arrivals.push(tide)
  for (let at = 0; at < until; at += MINUTE) simulation.after(at, () => tide.factor = 0.95 - 0.3 * Math.cos(2 * Math.PI * at / (60 * MINUTE)))
  for (let hour = 0; hour < hours; hour++) {
    simulation.after((hour * 60 + chance.between(8, 50)) * MINUTE, () => {
      const surge = { consumer: chance.pick(topology.consumers).name, factor: 1.5 }
      knobs.arrivals.push(surge)
      simulation.after(chance.between(3, 6) * MINUTE, () => knobs.arrivals.splice(knobs.arrivals.indexOf(surge), 1))
    })
    for (let i = 0; i < 2; i++) simulation.after((hour * 60 + chance.between(8, 50)) * MINUTE, () => deploy(platform, chance, `2.10.${hour * 2 + i}`))
  }
  platform.start(until)
  for (let at = SLICE; at < until + SLICE; at += SLICE) {
    simulation.run(Math.min(at, until))
    yield* toOtlpLines(platform.told.spans, platform.told.logs, { until, ratio: 1 })
    platform.told.forget()
  }
}

function deploy({ simulation, knobs, instances }: Platform, chance: Chance, version: string) {
  const [service, all] = chance.pick([...instances])
  for (const [i, { id }] of all.entries()) {
    simulation.after(i * 40e6, () => {
      // Another process in its place: what the old one sent stays its own.
      all[i] = { ...all[i]!, version }
      const warming = { service, factor: chance.between(1.2, 1.8), add: 0, only: { instance: id } }
      knobs.work.push(warming)
      simulation.after(30e6, () => knobs.work.splice(knobs.work.indexOf(warming), 1))
    })
  }
}
