import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';
import { strings } from './strings.ts';

/** The light of the lamp. */
const amber: MantineColorsTuple = [
  '#fff6e5',
  '#ffe9c7',
  '#ffd899',
  '#ffc766',
  '#ffb63d',
  '#f7a325',
  '#db8611',
  '#b1680a',
  '#8a500a',
  '#6b3f0b',
];
/** The night around it. */
const dark: MantineColorsTuple = [
  '#e9ecf3',
  '#c2c8d6',
  '#97a0b4',
  '#6f788e',
  '#4a5268',
  '#2c3345',
  '#202636',
  '#171c29',
  '#10141e',
  '#0b0e15',
];

/** Dark letters on the lamp's light, in both schemes; legible amber for what is only text. */
const toVariantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if ((input.color ?? 'amber') !== 'amber') return colors;
  if (input.variant === 'filled') return { ...colors, color: '#261802' };
  const isText = ['subtle', 'light', 'outline', 'transparent'].includes(input.variant);
  return isText ? { ...colors, color: 'var(--mantine-color-amber-text)' } : colors;
};

export const theme = createTheme({
  primaryColor: 'amber',
  primaryShade: { light: 5, dark: 4 },
  variantColorResolver: toVariantColors,
  colors: { amber, dark },
  defaultRadius: 'md',
  radius: { xs: '6px', sm: '8px', md: '10px', lg: '14px', xl: '20px' },
  cursorType: 'pointer',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.75rem' }, h2: { fontSize: '1.25rem' }, h3: { fontSize: '1.05rem' } },
  },
  components: {
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true } },
    Modal: { defaultProps: { centered: true, overlayProps: { blur: 3, backgroundOpacity: 0.5 } } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md' } },
    NumberInput: { defaultProps: { size: 'md' } },
    Button: { defaultProps: { size: 'md' } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': strings.close } } },
  },
});

export const toCssVariables: CSSVariablesResolver = () => ({
  variables: {},
  dark: {
    '--mantine-color-body': '#0b0e15',
    '--mantine-color-text': '#e9ecf3',
    '--mantine-color-anchor': '#ffc766',
    '--mantine-color-amber-text': '#ffc766',
    '--mantine-color-dimmed': '#97a0b4',
    '--mantine-color-default': '#171c29',
    '--mantine-color-default-hover': '#202636',
    '--mantine-color-default-border': '#2c3345',
  },
  light: {
    '--mantine-color-body': '#f7f5f1',
    '--mantine-color-text': '#1b1e27',
    '--mantine-color-anchor': '#8a500a',
    '--mantine-color-amber-text': '#8a500a',
    '--mantine-color-dimmed': '#626879',
    '--mantine-color-default': '#ffffff',
    '--mantine-color-default-hover': '#f3f0ea',
    '--mantine-color-default-border': '#dfdad0',
  },
});
