/** Shows what failed in place of the part of the page that failed to render. The rest of the page goes on. */
import { Component, type ComponentChildren } from 'preact';
import { failureText } from './failure-text.js';

export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { failure: null };

  static override getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { failure: failureText(error) };
  }

  override render(): ComponentChildren {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return (
      <p role="alert" class="error">
        {failure}{' '}
        <button
          type="button"
          onClick={() => {
            location.reload();
          }}
        >
          Reload
        </button>
      </p>
    );
  }
}

interface ErrorBoundaryProps {
  readonly children: ComponentChildren;
}

interface ErrorBoundaryState {
  /** What to tell the user; null while all is well. */
  readonly failure: string | null;
}
