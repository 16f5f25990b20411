// Preloaded into the server by `npm start`. When the process that started it dies without a chance to pass a signal on
// (kill -9), the channel between the two closes: drain and stop then, rather than live on unseen.
if (process.channel && Number(process.env.STOP_WITH_PARENT_PID) === process.ppid) {
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}
