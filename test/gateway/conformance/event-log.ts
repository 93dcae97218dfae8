import type { EventId, EventStore, StreamId } from "@modelcontextprotocol/server";

type Message = Parameters<EventStore["storeEvent"]>[1];

/** The events of one session, so that a client can ask for those that it missed. */
export class EventLog implements EventStore {
  readonly #events: { stream: StreamId; message: Message }[] = [];

  async storeEvent(stream: StreamId, message: Message): Promise<EventId> {
    return String(this.#events.push({ stream, message }) - 1);
  }

  async replayEventsAfter(
    last: EventId,
    { send }: { send: (id: EventId, message: Message) => Promise<void> },
  ): Promise<StreamId> {
    const stream = this.#events[Number(last)]?.stream ?? "";
    for (const [at, event] of this.#events.entries()) {
      // What opens a stream is stored as a message without content, and is not to be sent again.
      const isMessage = Object.keys(event.message).length > 0;
      if (at > Number(last) && event.stream === stream && isMessage) await send(String(at), event.message);
    }
    return stream;
  }
}
