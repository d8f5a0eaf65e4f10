/** One thing that a page sends: whether it is on its way, and what was refused. */
import { asFailure, type Failure } from '../api/problems';
import { focusWrong } from '../ui/wrong';

export class Sending {
  busy = $state(false);
  /** Texts of refused fields, by field; a page may put in its own before it sends. */
  wrong = $state<Partial<Record<string, string>>>({});
  /** What is wrong with no field. */
  failed = $state.raw<Failure | null>(null);

  /** Run `what`, unless something is on its way; whether it went well. Refused fields get the focus. */
  async run(what: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    [this.busy, this.wrong, this.failed] = [true, {}, null];
    try {
      await what();
      return true;
    } catch (thrown) {
      const failure = asFailure(thrown);
      this.wrong = Object.fromEntries(failure.errors.map((each) => [each.field, each.detail]));
      if (!failure.errors.length) this.failed = failure;
      await focusWrong();
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Refuse fields without asking the server. */
  refuse(wrong: Partial<Record<string, string>>): Promise<void> {
    [this.wrong, this.failed] = [wrong, null];
    return focusWrong();
  }
}
