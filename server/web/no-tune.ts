/** `tune.ts` where the browser decides how code runs and when garbage goes. */
export function tune(): void {}

export class Sweeper {
  schedule(): void {}
}
