import { createIntake, type IntakeOptions } from './receiver/intake'
import { openGrpcDoor } from './receiver/grpc'
import { openHttpDoor, type Door } from './receiver/http'

export interface ReceiverOptions extends IntakeOptions {
  host: string
  /** A door without a port stays shut; 0 takes any free one. */
  ports: { http?: number, grpc?: number }
  /** How long a request may take to arrive, ms. */
  patience?: number
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>

/** OTLP on listeners of its own, over HTTP and over gRPC: two doors to one intake. */
export async function startReceiver({ clock, host, ports, snapshot, patience = 10_000, ingest }: ReceiverOptions) {
  const intake = createIntake({ clock, snapshot, ingest })
  const doors: { http?: Door, grpc?: Door } = {}
  const close = async () => {
    await Promise.all(Object.values(doors).map(door => door.close()))
  }
  try {
    if (ports.http !== undefined) doors.http = await openHttpDoor({ clock, host, port: ports.http, patience, intake })
    if (ports.grpc !== undefined) doors.grpc = await openGrpcDoor({ clock, host, port: ports.grpc, patience, intake })
  }
  catch (error) {
    await close()
    throw error
  }

  return {
    /** Where each door is. */
    address: doors.http?.address,
    grpcAddress: doors.grpc?.address,
    setSnapshot: intake.setSnapshot,
    stats: intake.stats,
    /** No new requests; those in hand are answered. */
    close,
  }
}
