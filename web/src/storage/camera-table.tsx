import type { AgentStorage, Kept } from '@porchlight/contract/storage';
import { Anchor, Button, Table, Title } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useCameras } from '#data';
import { KeepingDialog } from '#keeping';
import { strings, toSize } from '#ui';
import classes from './storage.module.css';

const words = strings.storage;
const unknown = '–';

/** What is kept of each camera, what it sends, and for how long that will stay. */
export function CameraTable({ storage: { cameras } }: { storage: AgentStorage }) {
  return (
    <div className={classes['table']}>
      <Title order={2} size="h3" mb="xs">
        {words.perCamera}
      </Title>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{words.camera}</Table.Th>
            <Table.Th>{words.keptNow}</Table.Th>
            <Table.Th>{words.perDay}</Table.Th>
            <Table.Th>{words.keptFor}</Table.Th>
            <Table.Th aria-label={words.limits} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cameras.map(({ id, name, kept, budget }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <Anchor component={Link} to={`/cameras/${id}`}>
                  {name}
                </Anchor>
                {budget !== undefined && ` · ${words.ownBudget}`}
              </Table.Td>
              <Table.Td data-label={words.keptNow}>{kept ? toKept(kept) : unknown}</Table.Td>
              <Table.Td data-label={words.perDay}>
                {kept?.bytesPerDay === undefined ? unknown : toSize(kept.bytesPerDay)}
              </Table.Td>
              <Table.Td data-label={words.keptFor}>
                {kept?.days === undefined ? words.measuring : words.days(kept.days)}
              </Table.Td>
              <Table.Td>
                <LimitsButton id={id} name={name} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** Opens the limits of one camera. */
function LimitsButton({ id, name }: { id: string; name: string }) {
  const [open, setOpen] = useState(false);
  const camera = useCameras().data?.find((each) => each.id === id);
  return (
    <>
      <Button
        variant="subtle"
        size="compact-sm"
        disabled={!camera}
        aria-label={strings.keeping.changeOf(name)}
        onClick={() => setOpen(true)}
      >
        {words.limits}
      </Button>
      {open && camera && <KeepingDialog camera={camera} onClose={() => setOpen(false)} />}
    </>
  );
}

function toKept({ continuousBytes, eventBytes, heldBytes }: Kept): string {
  const whole = toSize(continuousBytes + eventBytes + heldBytes);
  return heldBytes > 0 ? `${whole}, ${words.ofItHeld(toSize(heldBytes))}` : whole;
}
