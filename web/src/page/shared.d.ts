// The modules that the page has in common with `mitokeras review`, as far as they are used here.

declare module "*/review/page/api.js" {
  export function alertText(text: string): void;
  export function element(tag: string, text?: string, attributes?: Record<string, string>): HTMLElement;
}

declare module "*/review/page/desk.js" {
  import type { Facts, Source, State } from "../page/review_source.js";
  export class Desk {
    constructor(facts: Facts, state: State, source: Source);
    readonly field: { opened: Promise<void>; viewer: { destroy(): void } };
    readonly model: DeskModel;
    show(key: { candidate: number }): Promise<void>;
    refresh(): void;
    hide(): void;
  }
  export interface DeskModel {
    queue(): number[];
    unseenAfter(number: number, most: number): number[];
  }
}

declare module "*/review/page/keys.js" {
  import type { Desk } from "*/review/page/desk.js";
  export function bindKeys(desk: Desk): void;
}

declare module "*/review/page/model.js" {
  export function isWithin(x: number, y: number, outlines: [number, number][][]): boolean;
}
