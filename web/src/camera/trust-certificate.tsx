import type { Camera } from '@porchlight/contract/camera';
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { strings } from '#ui';
import { call } from '../api.ts';
import classes from './camera.module.css';
import { takeCertificate } from './take-certificate.ts';

const words = strings.certificate;

/** Takes the certificate that a camera shows now. */
export function useTrustCertificate({ id }: Camera) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const taken = await takeCertificate({
        setPaused: (paused) => call('patchCamera', { params: { id }, body: { paused } }),
        read: () => call('getCamera', { params: { id } }),
        wait: (ms) => new Promise((done) => setTimeout(done, ms)),
      });
      if (!taken) throw new Error(words.notTaken);
    },
    onSettled: () => client.invalidateQueries(),
  });
}

type TrustProps = { readonly trust: ReturnType<typeof useTrustCertificate> };

/** A camera that shows another certificate than before: what that may mean, and the button for who knows why. */
export function TrustCertificate({ trust }: TrustProps) {
  return (
    <>
      <p className={classes['noteTitle']}>{words.changed}</p>
      <p>{words.meaning}</p>
      <Button loading={trust.isPending} onClick={() => trust.mutate()}>
        {words.trust}
      </Button>
      {trust.error && <p role="alert">{trust.error.message}</p>}
    </>
  );
}
