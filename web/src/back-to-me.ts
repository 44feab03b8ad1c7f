/** The button on the map that shows the user's circle again, after the user has looked elsewhere. */
import type { IControl } from 'maplibre-gl';

export function backToMe(onBack: () => void): BackToMe {
  const container = document.createElement('div');
  container.className = 'maplibregl-ctrl maplibregl-ctrl-group back-to-me';
  container.hidden = true;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Back to me';
  button.addEventListener('click', onBack);
  container.append(button);
  return {
    control: {
      onAdd: () => container,
      onRemove: () => {
        container.remove();
      },
    },
    show(isKnown) {
      container.hidden = !isKnown;
    },
  };
}

export interface BackToMe {
  readonly control: IControl;
  /** @param isKnown whether there is a place to go back to. */
  show(isKnown: boolean): void;
}
