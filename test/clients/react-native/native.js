// What React Native's native side gives to JavaScript, without the rest: timers, network, storage, position and states of
// the app. All of it is in the process that started the engine; messages are lines of JSON. React Native's own code makes
// fetch, WebSocket, AppState and the other globals of these. A script for old engines, as nothing translates it.
(function (global) {
  var print = global.print;
  var readLine = global.readline;
  var drainMicrotasks = global.drainMicrotasks;
  var EnginePromise = global.Promise;
  // What a shell has, an app has not.
  [
    'print',
    'printErr',
    'readline',
    'readFile',
    'load',
    'loadString',
    'quit',
    'gc',
    'fullGC',
    'createHeapSnapshot',
    'loadSegment',
    'drainMicrotasks',
    'setTimeout',
    'clearTimeout',
    'setImmediate',
    'WebAssembly',
    'SharedArrayBuffer',
    'Atomics',
    'crypto',
    'performance',
    'console',
    'navigator',
  ].forEach(function (name) {
    delete global[name];
  });

  function post(message) {
    print('\u0001' + JSON.stringify(message));
  }

  var timers = new Map();
  var lastTimer = 0;
  function timer(repeats) {
    return function (callback, ms) {
      var rest = Array.prototype.slice.call(arguments, 2);
      var id = ++lastTimer;
      timers.set(id, function () {
        if (!repeats) timers.delete(id);
        callback.apply(undefined, rest);
      });
      post({ to: 'timer', id: id, ms: Number(ms) || 0, repeats: repeats });
      return id;
    };
  }
  function clear(id) {
    if (timers.delete(id)) post({ to: 'clearTimer', id: id });
  }
  global.setTimeout = timer(false);
  global.setInterval = timer(true);
  global.clearTimeout = global.clearInterval = clear;
  global.requestAnimationFrame = function (callback) {
    return global.setTimeout(callback, 16);
  };
  global.cancelAnimationFrame = clear;

  var callables = {};
  global.RN$Bridgeless = true;
  global.RN$registerCallableModule = function (name, factory) {
    callables[name] = factory;
  };
  global.nativeLoggingHook = function (text, level) {
    post({ to: 'log', level: level, text: text });
  };

  var asked = new Map();
  var lastAsked = 0;
  /** Asks the other process, which answers with a value or an error. */
  function ask(message) {
    return new global.Promise(function (resolve, reject) {
      message.ask = ++lastAsked;
      asked.set(message.ask, { resolve: resolve, reject: reject });
      post(message);
    });
  }
  /** A function of a native module that returns nothing. */
  function call(to, names) {
    return function () {
      var message = { to: to };
      for (var index = 0; index < names.length; index++) message[names[index]] = arguments[index];
      post(message);
    };
  }
  function nothing() {}
  function no() {
    return false;
  }
  function constants(value) {
    return {
      getConstants: function () {
        return value;
      },
      addListener: nothing,
      removeListeners: nothing,
    };
  }
  function withEvents(functions) {
    return Object.assign(constants({}), functions);
  }

  var scale = { width: 360, height: 800, scale: 1, fontScale: 1, densityDpi: 160 };
  var modules = {
    AppState: Object.assign(constants({ initialAppState: 'active' }), {
      getCurrentAppState: function (onState) {
        onState({ app_state: 'active' });
      },
    }),
    DeviceInfo: constants({ Dimensions: { windowPhysicalPixels: scale, screenPhysicalPixels: scale } }),
    ExceptionsManager: withEvents({
      reportException: function (data) {
        post({ to: 'exception', text: data.message + '\n' + JSON.stringify(data.stack) });
      },
    }),
    Networking: withEvents({
      sendRequest: call('request', ['method', 'url', 'id', 'headers', 'body', 'responseType']),
      abortRequest: call('abortRequest', ['id']),
    }),
    NativeReactNativeFeatureFlagsCxx: {
      enableIntersectionObserverByDefault: no,
      enableMutationObserverByDefault: no,
      enableResizeObserverByDefault: no,
    },
    NativePerformanceCxx: {
      now: function () {
        return Date.now() - START_MS;
      },
    },
    NativeMicrotasksCxx: {
      queueMicrotask: function (callback) {
        if (global.HermesInternal) global.HermesInternal.enqueueJob(callback);
        else EnginePromise.resolve().then(callback);
      },
    },
    PlatformConstants: constants({
      isTesting: true,
      Version: 36,
      Release: '16',
      reactNativeVersion: { major: 0, minor: 88, patch: 1 },
    }),
    RNAsyncStorage: {
      getValues: function (db, keys) {
        return ask({ to: 'getValues', keys: keys });
      },
      setValues: function (db, entries) {
        return ask({ to: 'setValues', entries: entries });
      },
      removeValues: function (db, keys) {
        return ask({ to: 'removeValues', keys: keys });
      },
    },
    RNCGeolocation: withEvents({
      setConfiguration: nothing,
      startObserving: call('startObserving', ['options']),
      stopObserving: call('stopObserving', []),
      getCurrentPosition: function (options, onPosition) {
        ask({ to: 'currentPosition' }).then(onPosition);
      },
    }),
    SourceCode: constants({ scriptURL: 'http://127.0.0.1/index.bundle' }),
    UIManager: constants({}),
    WebSocketModule: withEvents({
      connect: call('openSocket', ['url', 'protocols', 'options', 'id']),
      send: call('send', ['data', 'id']),
      ping: nothing,
      close: call('closeSocket', ['code', 'reason', 'id']),
    }),
  };
  var START_MS = Date.now();
  global.nativeModuleProxy = {};
  global.__turboModuleProxy = function (name) {
    return modules[name];
  };

  /** Takes one message of the other process. */
  function receive(message) {
    if (message.timer !== undefined) {
      var run = timers.get(message.timer);
      if (run) run();
    } else if (message.answer !== undefined) {
      asked.get(message.answer).resolve(message.value);
      asked.delete(message.answer);
    } else if (message.event !== undefined) {
      var emitter = callables.RCTDeviceEventEmitter();
      emitter.emit.apply(emitter, [message.event].concat(message.args));
    } else {
      global.launchOptions = message.options;
      (0, eval)(message.run);
    }
  }
  function receiveText(text) {
    try {
      receive(JSON.parse(text));
    } catch (error) {
      post({ to: 'exception', text: String(error) + '\n' + error.stack });
    }
  }

  if (readLine) {
    // JavaScriptCore's shell reads for itself.
    post({ to: 'ready' });
    for (var line = readLine(); line !== 'end'; line = readLine()) {
      receiveText(line);
      drainMicrotasks();
    }
  } else {
    // Hermes' shell runs each line.
    global.receiveText = receiveText;
    post({ to: 'ready' });
  }
})(globalThis);
