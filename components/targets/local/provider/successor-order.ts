import { request } from "node:http";
import { createInterface } from "node:readline";
import { SUCCESSOR_PATH } from "../../../../gateway/handover/control.ts";
import type { Successor } from "../../../../gateway/handover/successor.ts";
import { endText, identified, type Launched } from "./launch.ts";

/** A successor on trial. */
export interface OnTrial extends Launched {
  /** Leaves the place to it: the gateway that started it ends. */
  accept(): void;
  /** Has it ended by the gateway that started it, which goes on. */
  refuse(): void;
}

/**
 * Has a running gateway start its successor. `undefined` when it can't: it is no more, does not answer, is of a version
 * that could not, or has the port at an address that leaves no room for another.
 */
export function orderSuccessor(control: string, order: Successor): Promise<OnTrial | undefined> {
  return new Promise((resolve) => {
    const asking = request({ socketPath: control, path: SUCCESSOR_PATH, method: "POST", timeout: 5_000 });
    const cannot = () => {
      asking.destroy();
      resolve(undefined);
    };
    asking.on("error", cannot);
    asking.once("timeout", cannot);
    asking.once("response", (response) => {
      if (response.statusCode !== 200) return cannot();
      asking.off("timeout", cannot);
      let end = (_: string) => {};
      const ended = new Promise<string>((resolve) => {
        end = resolve;
      });
      const verdict = { accept: () => void asking.end(), refuse: () => void asking.destroy() };
      response.on("error", () => {});
      createInterface(response)
        .on("error", () => {})
        .on("line", (text) => {
          const { pid, error, code, signal } = JSON.parse(text);
          if (pid !== undefined) return resolve({ ...identified(pid), ended, ...verdict });
          end(error === undefined ? endText(code, signal) : `could not be started: ${error}`);
          resolve({ ended, ...verdict });
        })
        // Without a word: the gateway that was asked has ended.
        .on("close", () => resolve(undefined));
    });
    asking.write(`${JSON.stringify(order)}\n`);
  });
}
