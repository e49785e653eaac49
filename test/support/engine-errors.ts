import assert from "node:assert/strict";
import { EngineError, type ErrorCode } from "../../engine/base/errors.ts";

/** The error that the work must fail with. Every error but a cancellation says what to do. */
export async function failure(code: ErrorCode, work: Promise<unknown> | (() => unknown)): Promise<EngineError> {
  try {
    await (typeof work === "function" ? work() : work);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    assert.equal(error.code, code, error.message);
    if (code !== "cancelled") assert.ok(error.details.hint, `no hint: ${error.message}`);
    return error;
  }
  assert.fail(`expected an error ${code}`);
}
