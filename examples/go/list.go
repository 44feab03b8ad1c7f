package main

import (
	"fmt"

	"example.org/nearby-friends/api"
)

// nearbyList is what the messages of nearbyFriends make of the list, by the ids of friends.
type nearbyList map[string]api.NearbyFriend

// apply returns a line for everybody who came, moved or left.
func (l nearbyList) apply(update *api.NearbyUpdate) (lines []string) {
	near := map[string]bool{}
	for _, each := range update.Nearby {
		near[each.Friend.Id] = true
	}
	gone := map[string]bool{}
	for _, each := range update.Left {
		gone[each.FriendId] = true
	}
	for id, each := range l {
		if gone[id] || (update.Snapshot && !near[id]) { // A snapshot replaces the list.
			delete(l, id)
			lines = append(lines, each.Friend.DisplayName+" left")
		}
	}
	for _, each := range update.Nearby {
		before, isKnown := l[each.Friend.Id]
		l[each.Friend.Id] = each
		switch {
		case !isKnown:
			lines = append(lines, fmt.Sprintf("%s came: %.0f m", each.Friend.DisplayName, each.DistanceMeters))
		case before != each:
			lines = append(lines, fmt.Sprintf("%s moved: %.0f m", each.Friend.DisplayName, each.DistanceMeters))
		}
	}
	return lines
}
