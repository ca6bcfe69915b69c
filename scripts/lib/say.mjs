// What the launchers print. Plain Node: runs before any dependency is installed.

/** A reason to stop that the reader can act on: printed without a stack trace. */
export class Refusal extends Error {}

const voice = { quiet: false, toStderr: false };

/**
 * Chooses where messages go. Commands whose stdout belongs to their caller (`crm`) speak on stderr, and only of what takes time.
 * @param {{ quiet?: boolean, toStderr?: boolean }} options
 */
export function setVoice(options) {
  Object.assign(voice, options);
}

/** An ordinary message: left out when quiet. @param {string} text */
export function say(text) {
  if (!voice.quiet) announce(text);
}

/** A message that stands even when quiet (an installation, a long wait). @param {string} text */
export function announce(text) {
  (voice.toStderr ? process.stderr : process.stdout).write(`${text}\n`);
}

/** An error or a warning, on stderr. @param {string} text */
export function complain(text) {
  process.stderr.write(`${text}\n`);
}

/** Where the output of a program we run should go: never on a stdout that belongs to our caller. */
export function outputOfPrograms() {
  return voice.toStderr ? /** @type {const} */ (['ignore', 2, 2]) : /** @type {const} */ (['ignore', 1, 2]);
}

/**
 * Runs the whole of a launcher: a Refusal ends with its message and code 1, a bug with its stack and code 1.
 * @param {() => Promise<number>} main gives the exit code
 */
export async function runLauncher(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    complain(
      error instanceof Refusal
        ? `\n${error.message}`
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error),
    );
    process.exitCode = 1;
  }
}
