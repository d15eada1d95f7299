/** What a call rejects with; `name` is a word that programs may rely on. The twins of hub/client/errors.py. */

/** The hub said no: `code`, `name`, `message` and `data` as in docs/api.md. */
export class RpcError extends Error {
  /** @param {{code: number, message: string, data?: Record<string, any>}} error as it is on the wire */
  constructor({ code, message, data }) {
    super(message);
    this.code = code;
    this.data = data ?? {};
    this.name = this.data.name ?? "error";
  }
}

/** The connection broke before the answer: what was asked may or may not have happened. */
export class ConnectionLost extends Error {
  name = "connection_lost";
}

/** There was no connection: what was asked has not happened. */
export class Offline extends Error {
  name = "offline";
}

/** The hub closed with a final code, or would not have the credential: nothing is tried again. */
export class Refused extends Offline {
  name = "refused";
}
