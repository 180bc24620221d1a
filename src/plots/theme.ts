/**
 * Colors of charts and reports. Series colors hold on light and on dark ground; the ground colors below are written
 * into charts as the light ones, and a report's style sheet exchanges them for the dark ones where the reader's system is dark.
 */
export const LIGHT = {
  ink: '#1f2937',
  muted: '#5b6675',
  line: '#d3d9e0',
  ground: '#ffffff',
} as const;

export const DARK: Readonly<Record<keyof typeof LIGHT, string>> = {
  ink: '#e6eaf0',
  muted: '#a0abba',
  line: '#3a4350',
  ground: '#14181f',
};

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";

/** Distinguishable with the common color-vision deficiencies (after Okabe and Ito, 2008). */
export const SERIES_COLORS = [
  '#1f77c9',
  '#e08214',
  '#0f9d76',
  '#c05299',
  '#7a68d8',
  '#b08c00',
  '#2aa7c9',
  '#d1495b',
];

export const COLOR = {
  /** Points that are there but do not matter. */
  background: '#9aa5b4',
  front: '#1f77c9',
  infeasible: '#d1495b',
  highlight: '#e08214',
} as const;

/** Low to high; evenly spaced in lightness, from the viridis family. */
export const COLOR_SCALE = ['#5b4fa8', '#36699a', '#1f968b', '#55b667', '#c8d132'];
