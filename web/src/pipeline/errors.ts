/** What a user can cause: one line that names the file and the rule, then what came. */
export class DataError extends Error {
  override readonly name = "DataError";
}
