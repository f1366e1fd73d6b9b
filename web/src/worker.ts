/** The worker: decodes files whose bytes come in messages, several at a time, each message in one go. */
import type { Head } from "./bands.js";
import { Engine } from "./engine.js";
import { problemOf, VeneerError } from "./errors.js";
import type { Reply, Request } from "./messages.js";
import { ModelStore } from "./models.js";
import { Session, type Output, type SessionUpdate } from "./session.js";

/** An instance that has grown to so many bytes is given up when it has nothing to do: its memory never shrinks. */
const MOST_IDLE_BYTES = 192 << 20;

interface Task {
  readonly session: Session;
  readonly output: Output;
  isEnding: boolean;
  isCancelled: boolean;
}

interface Running {
  readonly engine: Engine;
  readonly models: ModelStore;
}

let module: (Request & { type: "module" }) | null = null;
let running: Promise<Running> | null = null;
const tasks = new Map<number, Task>();
let queue: Promise<void> = Promise.resolve(); // messages are handled in their order

self.onmessage = ({ data }: MessageEvent<Request>): void => {
  if (data.type === "end") void queue.then(() => end(data.task)); // which may wait for models, as others go on
  else queue = queue.then(() => handle(data));
};

async function handle(request: Exclude<Request, { type: "end" }>): Promise<void> {
  if (request.type === "module") {
    module = request;
  } else if (request.type === "start") {
    await start(request);
  } else if (request.type === "bytes") {
    await work(request.task, async (session) => {
      await session.push(request.bytes);
      say({ type: "taken", task: request.task });
    });
  } else if (request.type === "narrow") {
    await work(request.task, (session) => session.narrow(request.region));
  } else {
    cancel(request.task);
  }
}

/** Does something for a file that is still wanted. */
async function work(number: number, part: (session: Session) => Promise<void>): Promise<void> {
  const task = tasks.get(number);
  if (task === undefined) return;
  try {
    await part(task.session);
  } catch (error) {
    fail(number, error);
  }
}

async function start(request: Request & { type: "start" }): Promise<void> {
  const { task, settings, places, output } = request;
  try {
    const { engine, models } = await (running ??= run());
    const update = (update: SessionUpdate): void =>
      say({ type: "update", task, update }, update.stage === "info" ? [] : [update.image.data.buffer]);
    const tell = (head: Head): void => say({ type: "head", task, head });
    const listeners = { onUpdate: request.wantsUpdates ? update : null, onHead: request.wantsHead ? tell : null };
    const session = new Session(engine, models, settings, places, listeners);
    tasks.set(task, { session, output, isEnding: false, isCancelled: false });
  } catch (error) {
    if (!(error instanceof VeneerError)) running = null; // a new instance may do better
    fail(task, error);
  }
}

async function run(): Promise<Running> {
  if (module === null) throw new Error("the module has not come");
  const engine = await Engine.start(module.module, module.address);
  return { engine, models: new ModelStore(engine) };
}

async function end(number: number): Promise<void> {
  const task = tasks.get(number);
  if (task === undefined) return;
  task.isEnding = true;
  try {
    if (task.output === "jpeg") {
      const jpeg = await task.session.endAsJpeg();
      say({ type: "done", task: number, result: jpeg }, [jpeg.buffer]);
    } else {
      const result = await task.session.end(task.output, () => task.isCancelled);
      say({ type: "done", task: number, result }, [result.content.data.buffer as ArrayBuffer]);
    }
    close(number);
  } catch (error) {
    fail(number, error);
  }
}

/** A session that waits for models is closed when it has found out. */
function cancel(number: number): void {
  const task = tasks.get(number);
  if (task === undefined) return;
  task.isCancelled = true;
  if (!task.isEnding) close(number);
}

function fail(number: number, error: unknown): void {
  say({ type: "failed", task: number, problem: problemOf(error) });
  const isBroken = error instanceof WebAssembly.RuntimeError;
  if (isBroken) abandonAll(number);
  else close(number);
}

/** After a trap nothing in the instance can be relied on. */
function abandonAll(first: number): void {
  tasks.delete(first);
  const others = [...tasks.keys()];
  tasks.clear();
  running = null;
  const problem = problemOf(new Error("another picture stopped it"));
  for (const task of others) say({ type: "failed", task, problem });
}

function close(number: number): void {
  tasks.get(number)?.session.close();
  tasks.delete(number);
  void running?.then(({ engine }) => {
    if (tasks.size === 0 && engine.size > MOST_IDLE_BYTES) running = null;
  });
}

function say(reply: Reply, transfer: Transferable[] = []): void {
  self.postMessage(reply, { transfer });
}
