import type { JsonObject } from "../core/json.ts";
import type { ToolDescription } from "../core/ports/model.ts";
import { type ToolDeclaration, toolInputJsonSchema } from "../core/tool.ts";

// Turning a schema into JSON Schema takes about a millisecond, and tools are bound anew for every turn while their
// schemas stay the same objects.
const schemas = new WeakMap<object, JsonObject>();

/** A tool as a model is told of it. */
export function toolDescription(tool: ToolDeclaration): ToolDescription {
  let inputSchema = schemas.get(tool.inputSchema);
  if (inputSchema === undefined) {
    const { $schema: _dialect, ...schema } = toolInputJsonSchema(tool);
    inputSchema = schema as JsonObject;
    schemas.set(tool.inputSchema, inputSchema);
  }
  return { name: tool.name, description: tool.description, inputSchema };
}
