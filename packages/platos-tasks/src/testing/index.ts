export { call, scriptedModelPort, type ScriptedModelPort, text } from "./scripted-model-port.ts";
export { eventually, openTestRuntime, type TestRuntimeOptions } from "./test-runtime.ts";
export { faultyStore, type StoreFaults } from "./faulty-store.ts";
