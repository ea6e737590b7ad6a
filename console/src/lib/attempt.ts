// One thing that is to happen once: its key is kept from the opening of the form until it succeeded, through every repetition; another
// body is another thing.
export class Attempt {
  private key: string;
  private body = '';

  constructor(private readonly fresh: () => string = () => crypto.randomUUID()) {
    this.key = fresh();
  }

  /** The key under which this body goes out. */
  keyFor(body: unknown): string {
    const text = JSON.stringify(body);
    if (this.body && this.body !== text) this.key = this.fresh();
    this.body = text;
    return this.key;
  }

  renew(): void {
    this.key = this.fresh();
    this.body = '';
  }
}
