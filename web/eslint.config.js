import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

export default defineConfig(
  { ignores: ["node_modules/", "golden/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Lengths are checked where arrays are made; a test of each element would say nothing.
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowArray: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "max-lines": ["error", 300],
      "max-lines-per-function": ["error", 60],
    },
  },
  // One description holds all cases of a page that is served once.
  { files: ["e2e/*.ts"], rules: { "max-lines-per-function": "off" } },
  { files: ["*.mjs", "*.js"], languageOptions: { globals: { console: "readonly", process: "readonly", URL: "readonly" } } },
);
