// The part of d3-scale and d3-shape that the charts use; Debian ships both without types.

declare module "d3-scale" {
  export interface Scale {
    (value: number): number;
    domain(values: [number, number]): Scale;
    domain(): [number, number];
    range(values: [number, number]): Scale;
    nice(count?: number): Scale;
    ticks(count?: number): number[];
    tickFormat(count?: number): (value: number) => string;
    invert(position: number): number;
  }
  export function scaleLinear(): Scale;
}

declare module "d3-shape" {
  export type Point = [number, number];
  export interface Line {
    (points: readonly Point[]): string | null;
  }
  export interface Area<T> {
    (points: readonly T[]): string | null;
    x(value: (point: T) => number): Area<T>;
    y0(value: (point: T) => number): Area<T>;
    y1(value: (point: T) => number): Area<T>;
  }
  export function line(): Line;
  export function area<T>(): Area<T>;
}
