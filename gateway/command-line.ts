/** Exit codes, after sysexits.h and the shell. */
export const EXIT = { failure: 1, usage: 64, config: 78 } as const;

/** A command line, or what it names, that can't be used. Its message is all that people see of it. */
export class CommandLineError extends Error {
  override readonly name = "CommandLineError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Reads an option that is a time. Throws CommandLineError. */
export function milliseconds(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 2 ** 31) return value;
  throw new CommandLineError(`${option} ${text}: expected a positive whole number of milliseconds`);
}
