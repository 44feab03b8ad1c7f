/** Loaded into a server: answers each message of its parent with the bytes in use on the heap after a collection. */
process.on('message', () => {
  globalThis.gc();
  process.send(process.memoryUsage().heapUsed);
});
process.channel.unref();
// Ends with its parent, however that ends.
process.once('disconnect', () => process.exit(1));
