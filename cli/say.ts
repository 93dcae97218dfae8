/** A line for the person who asked. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
